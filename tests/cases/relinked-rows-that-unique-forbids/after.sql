-- "badge": 1 rows
INSERT INTO badge (id, user) VALUES (1, 7);
-- "profile": 6 rows
INSERT INTO profile (id, user, born) VALUES (1, 'ann', 1970);
INSERT INTO profile (id, user, born) VALUES (2, 'bob', 1971);
INSERT INTO profile (id, user, born) VALUES (3, 'carl', 1972);
INSERT INTO profile (id, user, born) VALUES (4, '"carl"', 1973);
INSERT INTO profile (id, user, born) VALUES (5, 'Émile', 1974);
INSERT INTO profile (id, user, born) VALUES (6, 'Ann', 1975);
-- "users": 5 rows
INSERT INTO users (name) VALUES ('007');
INSERT INTO users (name) VALUES ('ann');
INSERT INTO users (name) VALUES ('bob');
INSERT INTO users (name) VALUES ('carl');
INSERT INTO users (name) VALUES ('Émile');
