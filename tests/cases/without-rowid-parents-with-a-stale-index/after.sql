-- "members": 5 rows
INSERT INTO members (intent_id, ord, fact) VALUES ('a', 1, 'f1');
INSERT INTO members (intent_id, ord, fact) VALUES ('a', 2, 'f2');
INSERT INTO members (intent_id, ord, fact) VALUES ('b', 1, 'f1');
INSERT INTO members (intent_id, ord, fact) VALUES ('b', 2, 'f3');
INSERT INTO members (intent_id, ord, fact) VALUES ('b', 3, 'f4');
-- "refs": 3 rows
INSERT INTO refs (id, intent_id, fact, note) VALUES (1, 'a', 'f1', 'ok');
INSERT INTO refs (id, intent_id, fact, note) VALUES (2, 'b', 'f3', 'has its parent');
INSERT INTO refs (id, intent_id, fact, note) VALUES (3, 'b', 'f1', 'has its parent');
