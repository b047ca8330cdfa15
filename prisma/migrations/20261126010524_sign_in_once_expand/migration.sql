-- AlterTable
ALTER TABLE "customers" ADD COLUMN     "ordered_email" TEXT;

-- AlterTable
ALTER TABLE "two_factors" ADD COLUMN     "last_used_step" INTEGER;
