-- What a client that is deleted leaves behind for whoever gets the same client_id: in which sessions it took part.
CREATE INDEX session_clients_by_client ON session_clients (client_id);
