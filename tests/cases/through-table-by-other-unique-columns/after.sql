-- "country": 2 rows
INSERT INTO country (id, code) VALUES (1, 'no');
INSERT INTO country (id, code) VALUES (2, 'se');
-- "ledger": 2 rows
INSERT INTO ledger (id, home_id, away_id) VALUES (1, 1, 2);
INSERT INTO ledger (id, home_id, away_id) VALUES (2, 1, 2);
-- "pass": 1 rows
INSERT INTO pass (id, until, country_id, reader_id) VALUES (1, '2027-01-01', 'no', 'card 1');
-- "permit": 2 rows
INSERT INTO permit (id, country_id, reader_id) VALUES (1, 'no', 'card 1');
INSERT INTO permit (id, country_id, reader_id) VALUES (4, 'no', 'card 1');
-- "reader": 1 rows
INSERT INTO reader (id, card) VALUES ('5a7c1f0e5a7c1f0e5a7c1f0e5a7c1f0e', 'card 1');
-- "sqlite_sequence": 4 rows
INSERT INTO sqlite_sequence (name, seq) VALUES ('country', 2);
INSERT INTO sqlite_sequence (name, seq) VALUES ('pass', 2);
INSERT INTO sqlite_sequence (name, seq) VALUES ('permit', 4);
INSERT INTO sqlite_sequence (name, seq) VALUES ('visit', 2);
-- "visit": 2 rows
INSERT INTO visit (id, country_id, reader_id) VALUES (1, 'no', 'card 1');
INSERT INTO visit (id, country_id, reader_id) VALUES (2, NULL, 'card 1');
