-- "people": 3 rows
INSERT INTO people (id, team_id) VALUES (1, 1);
INSERT INTO people (id, team_id) VALUES (2, 98);
INSERT INTO people (id, team_id) VALUES (3, 2);
-- "teams": 3 rows
INSERT INTO teams (id, lead_id) VALUES (1, 1);
INSERT INTO teams (id, lead_id) VALUES (2, 99);
INSERT INTO teams (id, lead_id) VALUES (3, 2);
