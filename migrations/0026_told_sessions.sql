-- A row here is a client that is still to be told of its session's end. Of sessions that ended before, it was told.
DELETE FROM session_clients WHERE sid IN (SELECT sessions.sid FROM sessions JOIN users ON users.sub = sessions.sub
  WHERE sessions.ended_at IS NOT NULL OR sessions.epoch <> users.session_epoch);
