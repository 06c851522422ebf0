-- A table was dropped to which a trigger writes and from which a view reads; another view reads a column that is gone.
-- Expected: broken-triggers for jobs_status_history (an error, listed as left), broken-views for both views; the two
-- orphans are repaired, as the trigger stands in the way of neither.
PRAGMA foreign_keys=OFF;
CREATE TABLE jobs (id INTEGER PRIMARY KEY, status TEXT NOT NULL);
CREATE TABLE job_events (id INTEGER PRIMARY KEY, job_id INTEGER NOT NULL REFERENCES jobs(id), kind TEXT);
CREATE TABLE job_events_legacy (id INTEGER PRIMARY KEY, job_id INTEGER, kind TEXT);
CREATE TRIGGER jobs_status_history AFTER UPDATE OF status ON jobs BEGIN INSERT INTO job_events_legacy(job_id,kind) VALUES(new.id,new.status); END;
CREATE TABLE acct (id INTEGER PRIMARY KEY, name TEXT); 
CREATE VIEW active_jobs AS SELECT j.id, e.kind FROM jobs j JOIN job_events_legacy e ON e.job_id=j.id;
CREATE VIEW acct_v AS SELECT id, nick FROM acct;
CREATE TABLE addr (id INTEGER PRIMARY KEY, acct INTEGER REFERENCES acct(id));
INSERT INTO jobs VALUES(1,'new'),(2,'run'); INSERT INTO job_events VALUES(1,1,'x'),(2,3,'orphan');
INSERT INTO acct VALUES(1,'n'); INSERT INTO addr VALUES(1,1),(2,9);
DROP TABLE job_events_legacy;
