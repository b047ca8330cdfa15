-- AlterTable
ALTER TABLE "zones" ADD COLUMN     "activation_asked_at" TIMESTAMPTZ(6);
