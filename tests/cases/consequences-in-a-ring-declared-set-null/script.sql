-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left as it is:
--   orphan-rows: 1 row of teams (lead_id): once one of teams.lead_id and people.team_id is mended, the orphans of the others cannot be told from what it left
--   orphan-rows: 1 row of people (team_id): once one of teams.lead_id and people.team_id is mended, the orphans of the others cannot be told from what it left
