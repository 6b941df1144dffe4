-- The second line behind a narrowed caller: questions run under a login of their scope, and row
-- rules show it the rows of that scope alone, whatever the application has forgotten.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dossier_scope') THEN
    CREATE ROLE dossier_scope NOLOGIN;
  END IF;
END $$;

-- Questions ask how far a projection has read. Nothing else of the record is theirs.
GRANT USAGE ON SCHEMA es, read TO dossier_scope;
SET ROLE dossier_owner;
GRANT SELECT ON es.projection, es.tracking TO dossier_scope;

-- What each login may see; '*': not narrowed. Looked up by session_user, which no SET changes; a login
-- that is not here sees nothing. `actor`: with teams, whose own cases count too. A login sees its own line.
CREATE TABLE ref.scope (
  login   name PRIMARY KEY,
  markets text[] NOT NULL,
  teams   text[] NOT NULL,
  actor   text
);
ALTER TABLE ref.scope ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ref.scope TO dossier_scope, dossier_projector;
CREATE POLICY own_line ON ref.scope FOR SELECT TO dossier_scope, dossier_projector
  USING (login = session_user);
RESET ROLE;

-- The row rules of every projection go by this view. The projector puts it over the live builds; it is
-- replaced and never dropped, so that no rule ever misses it. Nobody is in it before anything is built.
SET ROLE dossier_projector;
CREATE VIEW read.customers_in_scope WITH (security_barrier) AS SELECT NULL::uuid AS customer WHERE false;
COMMENT ON VIEW read.customers_in_scope IS 'The customers whom this login may see';
COMMENT ON COLUMN read.customers_in_scope.customer IS 'Customer';
GRANT SELECT ON read.customers_in_scope TO dossier_scope;
RESET ROLE;
