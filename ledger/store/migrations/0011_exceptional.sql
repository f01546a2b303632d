-- What the exceptions report tells of: few facts among all that are stored, in the order of positions.
create index stored_events_exceptional_idx on stored_events (notification_id) where topic in (
    'cover_corrected.v1', 'allowance_granted.v1', 'eligibility_overridden.v1', 'holding_refunded.v1',
    'resident_moved_out.v1', 'notice_cancelled.v1'
);
