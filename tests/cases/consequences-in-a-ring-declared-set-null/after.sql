-- "people": 2 rows
INSERT INTO people (id, team_id) VALUES (1, 1);
INSERT INTO people (id, team_id) VALUES (3, NULL);
-- "teams": 2 rows
INSERT INTO teams (id, lead_id) VALUES (1, 1);
INSERT INTO teams (id, lead_id) VALUES (3, NULL);
