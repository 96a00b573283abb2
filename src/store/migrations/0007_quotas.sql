-- How much a person may ask of us in a time.

-- Token buckets, one for each person and kind of act.
CREATE TABLE quotas (
    user_id BIGINT NOT NULL,
    act     TEXT NOT NULL,
    -- When the bucket is full again, microseconds since 1970. Taking a token moves it on.
    full_at BIGINT NOT NULL,
    -- 1 after the person was told that the bucket is empty, until it has been full again.
    told    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, act)
);
