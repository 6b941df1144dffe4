-- The second line behind a narrowed caller: questions run under a login of their scope, and row
-- rules show it the rows of that scope alone, whatever the application has forgotten.
-- Whose teams are named has rules of their own, which look further: `dossier_team_scope`.
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['dossier_scope', 'dossier_team_scope'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', r);
    END IF;
  END LOOP;
END $$;

-- Questions ask how far a projection has read. Nothing else of the record is theirs.
GRANT USAGE ON SCHEMA es, read TO dossier_scope, dossier_team_scope;
SET ROLE dossier_owner;
GRANT SELECT ON es.projection, es.tracking TO dossier_scope, dossier_team_scope;

-- What each login may see; '*': not narrowed. Looked up by session_user, which no SET changes; a login
-- that is not here sees nothing. `actor`: with teams, whose own cases count too. A login sees its own line.
CREATE TABLE ref.scope (
  login   name PRIMARY KEY,
  markets text[] NOT NULL,
  teams   text[] NOT NULL,
  actor   text
);
ALTER TABLE ref.scope ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ref.scope TO dossier_scope, dossier_team_scope, dossier_projector;
CREATE POLICY own_line ON ref.scope FOR SELECT TO dossier_scope, dossier_team_scope, dossier_projector
  USING (login = session_user);
RESET ROLE;

-- The row rules of every projection go by these views. The projector puts them over the live builds; they
-- are replaced and never dropped, so that no rule ever misses them. Nobody is in them before anything is built.
SET ROLE dossier_projector;
CREATE VIEW read.customers_of_markets WITH (security_barrier) AS SELECT NULL::uuid AS customer WHERE false;
CREATE VIEW read.customers_of_teams WITH (security_barrier) AS SELECT NULL::uuid AS customer WHERE false;
COMMENT ON VIEW read.customers_of_markets IS 'The customers of the markets that this login may see';
COMMENT ON VIEW read.customers_of_teams IS 'The customers with a case of the teams of this login, or its own';
COMMENT ON COLUMN read.customers_of_markets.customer IS 'Customer';
COMMENT ON COLUMN read.customers_of_teams.customer IS 'Customer';
GRANT SELECT ON read.customers_of_markets TO dossier_scope, dossier_team_scope;
GRANT SELECT ON read.customers_of_teams TO dossier_team_scope;
RESET ROLE;
