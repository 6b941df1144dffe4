-- Finding a person without storing what they are found by: keyed hashes, outside the record, gone
-- when the person is erased. The keys are in files; `proof` tells the right one from another.
SET ROLE dossier_owner;

CREATE TABLE ref.blind_key (
  generation int PRIMARY KEY,
  proof      bytea NOT NULL,
  made_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE ref.blind_index (
  subject    uuid NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('email', 'phone', 'name', 'skeleton', 'company')),
  market     text NOT NULL,
  generation int NOT NULL,
  hash       bytea NOT NULL CHECK (octet_length(hash) = 16),
  PRIMARY KEY (subject, kind)
);
CREATE INDEX blind_index_hash ON ref.blind_index (hash);

CREATE TABLE ref.blind_grams (
  subject    uuid NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('name grams', 'company grams')),
  market     text NOT NULL,
  generation int NOT NULL,
  grams      int[] NOT NULL,
  PRIMARY KEY (subject, kind)
);
CREATE INDEX blind_grams_grams ON ref.blind_grams USING gin (grams);

-- Two customers that somebody should look at: one person twice, one posing as the other, or one
-- spoken of in the other's texts. A flag: nothing is merged, nothing refused.
CREATE TABLE ref.review (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reason     text NOT NULL CHECK (reason IN ('same_email', 'same_phone', 'look_alike_name', 'mentioned')),
  subject    uuid NOT NULL,
  other      uuid NOT NULL,
  noted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  settled_at timestamptz,
  settled_by text,
  UNIQUE (subject, other, reason)
);
CREATE INDEX review_other ON ref.review (other);
CREATE INDEX review_open ON ref.review (noted_at) WHERE settled_at IS NULL;

-- Array-shaped: one call per transaction. `h` holds the hashes of each row one after the other, 16
-- bytes each, or 4 where the kind ends in "grams"; empty: not findable by this kind any more.
-- Rows that touch a common hash wait for each other, so that of two equal ones entered at the same
-- moment the later sees the earlier.
CREATE FUNCTION ref.note_findable_v1(s uuid[], k text[], m text[], g int[], h bytea[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = ref, pg_temp AS $b$
BEGIN
  DELETE FROM ref.blind_index i USING unnest(s, k) u(subject, kind)
    WHERE i.subject = u.subject AND i.kind = u.kind;
  DELETE FROM ref.blind_grams i USING unnest(s, k) u(subject, kind)
    WHERE i.subject = u.subject AND i.kind = u.kind;

  -- A flag that rests on what is no longer so goes; a settled one only with an erasure.
  DELETE FROM ref.review r USING unnest(s, k, h) u(subject, kind, hash)
    WHERE (r.subject = u.subject OR (r.other = u.subject AND r.reason <> 'mentioned'))
      AND r.reason = CASE u.kind WHEN 'email' THEN 'same_email' WHEN 'phone' THEN 'same_phone'
        WHEN 'skeleton' THEN 'look_alike_name' WHEN 'mentioned email' THEN 'mentioned' END
      AND (u.hash = '' OR (r.settled_at IS NULL AND r.reason <> 'mentioned'));

  PERFORM pg_advisory_xact_lock(l.lock) FROM (
    SELECT DISTINCT ('x' || encode(substr(u.hash, 1, 8), 'hex'))::bit(64)::bigint AS lock
    FROM unnest(k, h) u(kind, hash) WHERE u.kind IN ('email', 'phone', 'skeleton') AND u.hash <> ''
    ORDER BY 1) l;

  INSERT INTO ref.blind_index (subject, kind, market, generation, hash)
    SELECT u.subject, u.kind, u.market, u.generation, u.hash
    FROM unnest(s, k, m, g, h) u(subject, kind, market, generation, hash)
    WHERE u.kind IN ('email', 'phone', 'name', 'skeleton', 'company') AND u.hash <> '';
  INSERT INTO ref.blind_grams (subject, kind, market, generation, grams)
    SELECT u.subject, u.kind, u.market, u.generation, ARRAY(
      SELECT ('x' || encode(substr(u.hash, 4 * n + 1, 4), 'hex'))::bit(32)::int
      FROM generate_series(0, octet_length(u.hash) / 4 - 1) n)
    FROM unnest(s, k, m, g, h) u(subject, kind, market, generation, hash)
    WHERE u.kind LIKE '% grams' AND u.hash <> '';

  INSERT INTO ref.review (reason, subject, other)
    SELECT CASE u.kind WHEN 'email' THEN 'same_email' WHEN 'phone' THEN 'same_phone'
                       ELSE 'look_alike_name' END, u.subject, o.subject
    FROM unnest(s, k, h) u(subject, kind, hash)
    CROSS JOIN LATERAL (
      SELECT i.subject FROM ref.blind_index i
      WHERE i.hash = u.hash AND i.kind = u.kind AND i.subject <> u.subject
        AND (u.kind <> 'skeleton' OR NOT EXISTS (
          SELECT FROM ref.blind_index a JOIN ref.blind_index b USING (hash, kind)
          WHERE a.subject = u.subject AND b.subject = i.subject AND a.kind = 'name'))
      LIMIT 20) o
    WHERE u.kind IN ('email', 'phone', 'skeleton') AND u.hash <> ''
    ON CONFLICT DO NOTHING;

  -- Contacts that stand in a text are compared, not kept.
  INSERT INTO ref.review (reason, subject, other)
    SELECT DISTINCT 'mentioned', u.subject, i.subject
    FROM unnest(s, k, h) u(subject, kind, hash)
    CROSS JOIN LATERAL generate_series(0, octet_length(u.hash) / 16 - 1) n
    JOIN ref.blind_index i ON i.hash = substr(u.hash, 16 * n + 1, 16)
      AND i.kind = replace(u.kind, 'mentioned ', '') AND i.subject <> u.subject
    WHERE u.kind LIKE 'mentioned %'
    ON CONFLICT DO NOTHING;
END $b$;
REVOKE ALL ON FUNCTION ref.note_findable_v1 FROM PUBLIC;

-- Everything by which a person can be found, and the reviews that name them. That a text of
-- somebody else mentions them stays: whoever looks after that text has to be told.
CREATE FUNCTION ref.forget_findable_v1(who uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ref, pg_temp AS $b$
DECLARE n bigint; gone bigint := 0;
BEGIN
  DELETE FROM ref.blind_index WHERE subject = who;
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  DELETE FROM ref.blind_grams WHERE subject = who;
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  DELETE FROM ref.review WHERE subject = who OR (other = who AND reason <> 'mentioned');
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN gone + n;
END $b$;
REVOKE ALL ON FUNCTION ref.forget_findable_v1 FROM PUBLIC;

-- Which of these streams stand where they were read; they stay there until the transaction ends.
CREATE FUNCTION ref.streams_still_v1(s uuid[], v bigint[]) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = ref, pg_temp AS $b$
  SELECT t.stream FROM es.streams t JOIN unnest(s, v) u(stream, version)
    ON u.stream = t.stream AND u.version = t.version WHERE t.status <> 'fenced'
  ORDER BY t.stream FOR SHARE OF t
$b$;
REVOKE ALL ON FUNCTION ref.streams_still_v1 FROM PUBLIC;

GRANT EXECUTE ON FUNCTION ref.streams_still_v1 TO dossier_writer;
GRANT EXECUTE ON FUNCTION ref.note_findable_v1, ref.forget_findable_v1 TO dossier_writer;
GRANT SELECT, INSERT, DELETE ON ref.blind_key TO dossier_writer;
GRANT SELECT ON ref.blind_index, ref.blind_grams, ref.review TO dossier_writer;
GRANT UPDATE (settled_at, settled_by) ON ref.review TO dossier_writer;

RESET ROLE;
