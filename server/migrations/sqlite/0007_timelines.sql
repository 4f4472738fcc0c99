-- The timeline of a request: its steps, the newest of its actions and the newest refused ones are each found without
-- walking over the others, however many actions there are. Refused attempts of people are in the log alone; the provider's
-- own rejection is a step, though it says "refused".
DROP INDEX events_by_request;
CREATE INDEX events_steps ON events (organization_id, request_id, sequence)
    WHERE request_id IS NOT NULL AND category = 'activity'
        AND (outcome <> 'refused' OR operation = 'Lockbox Request Rejection');
CREATE INDEX events_actions ON events (organization_id, request_id, sequence)
    WHERE request_id IS NOT NULL AND category = 'data_access';
CREATE INDEX events_refused_actions ON events (organization_id, request_id, sequence)
    WHERE request_id IS NOT NULL AND category = 'data_access' AND outcome = 'refused';
-- The same for what stands aside.
CREATE INDEX hidden_steps ON hidden_events (request_id, number)
    WHERE event ->> 'category' = 'activity'
        AND (event ->> 'outcome' <> 'refused' OR event ->> 'operation' = 'Lockbox Request Rejection');
CREATE INDEX hidden_actions ON hidden_events (request_id, number) WHERE event ->> 'category' = 'data_access';
CREATE INDEX hidden_refused_actions ON hidden_events (request_id, number)
    WHERE event ->> 'category' = 'data_access' AND event ->> 'outcome' = 'refused';

-- What an action said when it was reported, as the beginning of a digest: its id names it and no other. NULL: reported before
-- this was kept.
ALTER TABLE grant_actions ADD COLUMN content BLOB;
