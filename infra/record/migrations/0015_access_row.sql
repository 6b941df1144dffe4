-- A row of the trail as the gate sends it: many of them in one parameter, so that a batch is one
-- statement and the writer waits once.
SET ROLE dossier_owner;

CREATE TYPE trail.access_row AS (
  actor        text,
  role         text,
  on_behalf_of text,
  operation    text,
  purpose      text,
  legal_basis  text,
  decision     text,
  rule         text,
  policy       text,
  subjects     uuid[],
  fields       text[],
  tokens       int,
  row_count    int,
  record_ref   uuid,
  consents     uuid[],
  agreement    uuid,
  recipient    text,
  break_glass  uuid,
  auth_method  text,
  correlation  uuid,
  request_id   uuid
);

RESET ROLE;
