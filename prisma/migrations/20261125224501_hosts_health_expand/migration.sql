-- AlterTable
ALTER TABLE "hosts" ADD COLUMN     "health_lease_until" TIMESTAMPTZ(6);

-- Health-workers of the version before give no signs of life: hosts that are there have ten minutes until theirs is a newer one.
UPDATE "hosts" SET "health_lease_until" = now() + interval '10 minutes';
