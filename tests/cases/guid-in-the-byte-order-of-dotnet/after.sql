-- "accounts": 2 rows
INSERT INTO accounts (id, name) VALUES (x'00112233445566778899aabbccddee01', 'x');
INSERT INTO accounts (id, name) VALUES (x'00112233445566778899aabbccddeeff', 'big');
-- "buckets": 2 rows
INSERT INTO buckets (id, name) VALUES ('33221100-5544-7766-8899-AABBCCDDEE02', 'food');
INSERT INTO buckets (id, name) VALUES ('33221100-5544-7766-8899-AABBCCDDEE03', 'rent');
-- "transfers": 4 rows
INSERT INTO transfers (id, account_id, bucket_id, other_bucket) VALUES (1, x'00112233445566778899aabbccddeeff', '33221100-5544-7766-8899-AABBCCDDEE02', NULL);
INSERT INTO transfers (id, account_id, bucket_id, other_bucket) VALUES (2, x'00112233445566778899aabbccddee01', '33221100-5544-7766-8899-AABBCCDDEE03', '33221100-5544-7766-8899-AABBCCDDEE02');
INSERT INTO transfers (id, account_id, bucket_id, other_bucket) VALUES (3, x'00112233445566778899aabbccddeeff', '33221100-5544-7766-8899-AABBCCDDEE02', '33221100-5544-7766-8899-AABBCCDDEE03');
INSERT INTO transfers (id, account_id, bucket_id, other_bucket) VALUES (5, x'00112233445566778899aabbccddeeff', '33221100-5544-7766-8899-AABBCCDDEE03', NULL);
