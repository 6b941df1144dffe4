-- Who comes in: what a token may do, from where and until when; failed attempts; the trail of both.
SET ROLE dossier_owner;

-- `lookup` finds a row, the whole hash is compared outside. NULL in scopes, markets, teams or
-- networks: not narrowed. The roles of a staff token follow the staff member; those kept with it only narrow.
ALTER TABLE keys.credential
  ADD id           uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  ADD lookup       bytea GENERATED ALWAYS AS (substr(token_sha256, 1, 8)) STORED UNIQUE,
  ADD shown        text,
  ADD kind         text NOT NULL DEFAULT 'service' CHECK (kind IN ('service', 'staff')),
  ADD scopes       text[],
  ADD markets      text[],
  ADD teams        text[],
  ADD networks     cidr[],
  ADD issued_by    text NOT NULL DEFAULT 'installation',
  ADD expires_at   timestamptz,
  ADD last_used_at timestamptz,
  ADD replaced_by  uuid REFERENCES keys.credential (id);

-- What was issued before tokens had an end gets one; what nobody may be together is parted.
UPDATE keys.credential SET expires_at = clock_timestamp() + interval '90 days' WHERE actor <> 'admin';
UPDATE keys.credential SET roles = array_remove(roles, 'auditor') WHERE cardinality(roles) > 1;
ALTER TABLE keys.credential DROP CONSTRAINT credential_roles_check;
ALTER TABLE keys.credential
  ADD CONSTRAINT credential_has_roles CHECK (cardinality(roles) > 0 OR kind = 'staff'),
  ADD CONSTRAINT credential_ends CHECK (expires_at IS NOT NULL OR actor = 'admin'),
  ADD CONSTRAINT credential_custodian_is_no_admin
    CHECK (NOT roles @> ARRAY['key_custodian', 'crm_admin']),
  ADD CONSTRAINT credential_auditor_is_nothing_else
    CHECK (NOT roles @> ARRAY['auditor'] OR cardinality(roles) = 1);
CREATE INDEX credential_actor ON keys.credential (actor);

-- How often a source or the beginning of a token failed of late, and until when it has to wait.
-- Nothing is lost with it: after a crash everybody starts from nought.
CREATE UNLOGGED TABLE keys.failed_login (
  what          text NOT NULL CHECK (what IN ('source', 'prefix')),
  key           bytea NOT NULL,
  failures      int NOT NULL,
  last_at       timestamptz NOT NULL,
  blocked_until timestamptz,
  PRIMARY KEY (what, key)
);
CREATE INDEX failed_login_last_at ON keys.failed_login (last_at);

-- Every attempt that failed, and of those that succeed the first in an hour. Ids and codes only.
CREATE TABLE trail.login (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  decision   text NOT NULL CHECK (decision IN ('permit', 'deny')),
  method     text NOT NULL CHECK (method IN ('token', 'oidc')),
  rule       text NOT NULL,
  actor      text,
  credential uuid,
  source     inet
);
CREATE INDEX login_at ON trail.login USING brin (at);
CREATE TRIGGER no_rewrite BEFORE UPDATE OR DELETE ON trail.login
  FOR EACH ROW EXECUTE FUNCTION es.refuse_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON trail.login
  FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_rewrite();
ALTER TABLE trail.login ENABLE ALWAYS TRIGGER no_rewrite;
ALTER TABLE trail.login ENABLE ALWAYS TRIGGER no_truncate;

GRANT UPDATE (expires_at, last_used_at, replaced_by) ON keys.credential TO dossier_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON keys.failed_login TO dossier_writer;
GRANT SELECT, INSERT ON trail.login TO dossier_writer;
GRANT SELECT ON trail.login TO dossier_reader;

RESET ROLE;
