-- "chairs": 1 rows
INSERT INTO chairs (id, house, number) VALUES ('a', 'mill', 1);
-- "houses": 1 rows
INSERT INTO houses (name) VALUES ('mill');
-- "rooms": 1 rows
INSERT INTO rooms (house, number) VALUES ('mill', 1);
