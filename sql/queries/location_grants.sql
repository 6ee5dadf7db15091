-- name: grant_list
SELECT location_id
FROM location_grants
WHERE grantee = :grantee
ORDER BY location_id

-- name: grant_add
INSERT INTO location_grants (grantee, location_id)
VALUES (:grantee, :location_id)
ON CONFLICT (grantee, location_id) DO NOTHING

-- name: grant_clear
DELETE FROM location_grants WHERE grantee = :grantee
