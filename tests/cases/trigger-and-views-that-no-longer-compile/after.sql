-- "acct": 1 rows
INSERT INTO acct (id, name) VALUES (1, 'n');
-- "addr": 2 rows
INSERT INTO addr (id, acct) VALUES (1, 1);
INSERT INTO addr (id, acct) VALUES (2, NULL);
-- "job_events": 1 rows
INSERT INTO job_events (id, job_id, kind) VALUES (1, 1, 'x');
-- "jobs": 2 rows
INSERT INTO jobs (id, status) VALUES (1, 'new');
INSERT INTO jobs (id, status) VALUES (2, 'run');
