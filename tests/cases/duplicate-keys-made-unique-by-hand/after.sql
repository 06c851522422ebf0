-- "members": 5 rows
INSERT INTO members (id, email, name, town) VALUES (1, 'ann@example.org', 'Ann', 'Ulm');
INSERT INTO members (id, email, name, town) VALUES (2, 'ben@example.org', 'Ben', 'Ulm');
INSERT INTO members (id, email, name, town) VALUES (3, NULL, 'Cid', 'Bonn');
INSERT INTO members (id, email, name, town) VALUES (4, 'ANN@example.org', 'Anna', 'Ulm');
INSERT INTO members (id, email, name, town) VALUES (5, NULL, 'Dan', 'Bonn');
