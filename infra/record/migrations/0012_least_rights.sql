-- Least rights: a role per task, analysts by market, and nothing for everybody.
-- Expected rights are written down once more in infra/identity/expected.py; the doctor compares.
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['dossier_mart', 'dossier_keys', 'dossier_auditor', 'dossier_backup'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', r);
    END IF;
  END LOOP;
  -- The product works as these two; auditors and backups log in for themselves.
  FOREACH r IN ARRAY ARRAY['dossier_mart', 'dossier_keys'] LOOP
    IF NOT pg_has_role(r, 'SET') THEN EXECUTE format('GRANT %I TO CURRENT_USER', r); END IF;
  END LOOP;
  -- A backup copies files; it reads no table. The attribute is only a superuser's to give.
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
     AND NOT (SELECT rolreplication FROM pg_roles WHERE rolname = 'dossier_backup') THEN
    ALTER ROLE dossier_backup REPLICATION;
  END IF;
END $$;

-- An auditor reads the record and the trail: sealed values stay sealed, keys are out of reach.
GRANT USAGE ON SCHEMA es, trail TO dossier_auditor;
GRANT USAGE ON SCHEMA public TO dossier_auditor, dossier_reader;
GRANT SELECT ON public.dossier_migration TO dossier_auditor;
SET ROLE dossier_owner;
GRANT SELECT ON es.events, es.streams, es.watermark, es.projection, es.tracking TO dossier_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA trail TO dossier_auditor;
ALTER DEFAULT PRIVILEGES FOR ROLE dossier_owner IN SCHEMA trail GRANT SELECT ON TABLES TO dossier_auditor;

-- Which markets an analyst's login may see; '*': all. Looked up by session_user, which no SET changes.
CREATE TABLE ref.analyst_market (
  login  name NOT NULL,
  market text NOT NULL CHECK (market = '*' OR market ~ '^[A-Z]{2}$'),
  PRIMARY KEY (login, market)
);
GRANT SELECT ON ref.analyst_market TO dossier_mart;
GRANT SELECT, INSERT, DELETE ON ref.analyst_market TO dossier_writer;
GRANT USAGE ON SCHEMA ref TO dossier_mart;
RESET ROLE;

-- The key service alone reads and changes keys; the append function looks at them as the owner.
SET ROLE dossier_owner;
GRANT USAGE ON SCHEMA keys, es, trail, ref TO dossier_keys;
GRANT SELECT, INSERT ON keys.subject_key, keys.epoch, keys.fence, keys.category_fence TO dossier_keys;
GRANT UPDATE (state, wrapped, destroyed_at, epoch) ON keys.subject_key TO dossier_keys;
GRANT UPDATE (state, known_answer, destroyed_at) ON keys.epoch TO dossier_keys;
GRANT SELECT, INSERT, DELETE ON keys.restriction TO dossier_keys;
GRANT SELECT, UPDATE (since, subject, category, generation, done) ON keys.rewrap TO dossier_keys;
GRANT EXECUTE ON FUNCTION keys.rewrap_begin_v1(int), keys.rewrap_lock_v1(), keys.rewrap_swap_v1() TO dossier_keys;
GRANT SELECT ON es.events, es.streams TO dossier_keys;
GRANT INSERT ON trail.access TO dossier_keys;
GRANT SELECT, UPDATE (subject, token, erased) ON ref.external TO dossier_keys;
REVOKE ALL ON keys.subject_key, keys.epoch, keys.fence, keys.category_fence, keys.restriction, keys.rewrap
  FROM dossier_writer;
REVOKE ALL ON FUNCTION keys.rewrap_begin_v1(int), keys.rewrap_lock_v1(), keys.rewrap_swap_v1() FROM dossier_writer;
RESET ROLE;

-- Views in mart belong to dossier_mart, which owns no table and so is under the tables' row rules,
-- and may read only their clear columns. Analysts reach those tables in no other way.
SET ROLE dossier_projector;
GRANT USAGE, CREATE ON SCHEMA mart TO dossier_mart;
RESET ROLE;

-- Nothing for everybody: neither what PostgreSQL gives by default nor locks the watermark rests on.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SET ROLE dossier_owner;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA es, keys, trail, ref FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE dossier_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
RESET ROLE;
DO $$
DECLARE f record;
BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN RETURN; END IF;
  FOR f IN SELECT p.oid::regprocedure AS name, p.proname ~ 'advisory' AS locks FROM pg_proc p
           WHERE p.pronamespace = 'pg_catalog'::regnamespace
             AND (p.proname ~ '^pg_(try_)?advisory_' OR p.proname IN ('lo_create', 'lo_creat', 'lo_from_bytea')) LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.name);
    IF f.locks THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO dossier_owner, dossier_writer, dossier_projector,'
                     ' dossier_reader, dossier_keys', f.name);
    END IF;
  END LOOP;
END $$;
