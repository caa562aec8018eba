SET LOCAL lock_timeout = '3s';

-- AlterTable
ALTER TABLE "Account" ADD COLUMN "locale" TEXT NOT NULL DEFAULT 'en';
