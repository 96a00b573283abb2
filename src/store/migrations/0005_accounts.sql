-- Plans that are sold, balances, invitations, promo codes.

-- Names and descriptions by language, prices by currency in minor units, all JSON. `seeded` is the revision that the
-- file of plans wrote last: as long as it is the present one, the plan follows the file.
ALTER TABLE plans ADD COLUMN category TEXT NOT NULL DEFAULT 'paid';
ALTER TABLE plans ADD COLUMN names TEXT NOT NULL DEFAULT '{}';
ALTER TABLE plans ADD COLUMN descriptions TEXT NOT NULL DEFAULT '{}';
ALTER TABLE plans ADD COLUMN prices TEXT NOT NULL DEFAULT '{}';
ALTER TABLE plans ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE plans ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE plans ADD COLUMN seeded BIGINT NOT NULL DEFAULT 0;

-- What is bought, as the plan said when the order was made.
ALTER TABLE orders ADD COLUMN days BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN terms TEXT NOT NULL DEFAULT '{}';

-- `minor` is what the person paid (negative: got back), `balance` what it does to the balance, both in `currency`;
-- `plan`, `days` and `terms` the time that is given or taken. Kinds: purchase, refund, bonus, adjustment, recharge,
-- trial, promo, referral.
ALTER TABLE ledger ADD COLUMN balance BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN terms TEXT NOT NULL DEFAULT '{}';

-- What the balance column of the ledger amounts to.
CREATE TABLE balances (
    user_id    BIGINT NOT NULL,
    currency   TEXT NOT NULL,
    minor      BIGINT NOT NULL CHECK (minor >= 0),
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, currency)
);

-- A row for each time in which a plan holds on the same terms; the times of one plan never overlap. `interval_s` is
-- that of the terms, for sums.
ALTER TABLE entitlements RENAME TO entitlements_0001;
CREATE TABLE entitlements (
    user_id    BIGINT NOT NULL,
    plan       TEXT NOT NULL,
    since      BIGINT NOT NULL DEFAULT 0,
    until      BIGINT NOT NULL,
    terms      TEXT NOT NULL,
    interval_s BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, plan, since)
);
INSERT INTO entitlements (user_id, plan, since, until, terms, updated_at)
    SELECT e.user_id, e.plan, e.updated_at, e.until,
           COALESCE((SELECT p.terms FROM plans p WHERE p.id = e.plan), '{}'), e.updated_at
    FROM entitlements_0001 e;
DROP TABLE entitlements_0001;
CREATE INDEX entitlements_until ON entitlements (until);

-- Codes that give days of a plan, or money (`minor` in `currency`). `uses` 0: without limit.
CREATE TABLE promos (
    code        TEXT NOT NULL PRIMARY KEY,
    plan        TEXT,
    days        BIGINT NOT NULL DEFAULT 0,
    minor       BIGINT NOT NULL DEFAULT 0,
    currency    TEXT NOT NULL DEFAULT '',
    uses        BIGINT NOT NULL,
    used        BIGINT NOT NULL DEFAULT 0,
    valid_from  BIGINT,
    valid_until BIGINT,
    only_new    BIGINT NOT NULL DEFAULT 0,
    only_plan   TEXT,
    stopped     BIGINT NOT NULL DEFAULT 0,
    created_at  BIGINT NOT NULL
);

-- One random code per person who invites.
CREATE TABLE invite_codes (
    code       TEXT NOT NULL PRIMARY KEY,
    user_id    BIGINT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

-- Who came by whose invitation: for ever, and before anything else of theirs. `settled_at`: it was credited, or the
-- inviter was above the cap.
CREATE TABLE referrals (
    invited    BIGINT NOT NULL PRIMARY KEY,
    inviter    BIGINT NOT NULL,
    came_at    BIGINT NOT NULL,
    settled_at BIGINT,
    rewarded   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX referrals_inviter ON referrals (inviter, settled_at);
CREATE INDEX referrals_open ON referrals (came_at) WHERE settled_at IS NULL;
