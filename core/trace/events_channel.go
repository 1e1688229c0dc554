package trace

// Events of channels, and of the return path.
const (
	MigrationExecOutgoing       Name = "migration_exec_outgoing"
	MigrationExecIncoming       Name = "migration_exec_incoming"
	MigrationFDOutgoing         Name = "migration_fd_outgoing"
	MigrationFDIncoming         Name = "migration_fd_incoming"
	MigrationFileOutgoing       Name = "migration_file_outgoing"
	MigrationFileIncoming       Name = "migration_file_incoming"
	MigrationSocketAccepted     Name = "migration_socket_incoming_accepted"
	MigrationSocketConnected    Name = "migration_socket_outgoing_connected"
	MigrationSocketError        Name = "migration_socket_outgoing_error"
	MigrationSetIncomingChannel Name = "migration_set_incoming_channel"
	MigrationSetOutgoingChannel Name = "migration_set_outgoing_channel"
	TLSOutgoingStart            Name = "migration_tls_outgoing_handshake_start"
	TLSOutgoingError            Name = "migration_tls_outgoing_handshake_error"
	TLSOutgoingComplete         Name = "migration_tls_outgoing_handshake_complete"
	TLSIncomingStart            Name = "migration_tls_incoming_handshake_start"
	TLSIncomingError            Name = "migration_tls_incoming_handshake_error"
	TLSIncomingComplete         Name = "migration_tls_incoming_handshake_complete"
	OpenReturnPath              Name = "open_return_path_on_source"
	OpenReturnPathContinue      Name = "open_return_path_on_source_continue"
	ReturnPathEndBefore         Name = "migration_return_path_end_before"
	ReturnPathEndAfter          Name = "migration_return_path_end_after"
	ReturnPathEntry             Name = "source_return_path_thread_entry"
	ReturnPathLoopTop           Name = "source_return_path_thread_loop_top"
	ReturnPathPong              Name = "source_return_path_thread_pong"
	ReturnPathShut              Name = "source_return_path_thread_shut"
	ReturnPathSwitchoverAcked   Name = "source_return_path_thread_switchover_acked"
	ReturnPathResumeAck         Name = "source_return_path_thread_resume_ack"
	ReturnPathBadEnd            Name = "source_return_path_thread_bad_end"
	ReturnPathEnd               Name = "source_return_path_thread_end"
	MigrateHandleRPReqPages     Name = "migrate_handle_rp_req_pages"
	MigrateSendRPMessage        Name = "migrate_send_rp_message"
	MigrateSendRPRecvBitmap     Name = "migrate_send_rp_recv_bitmap"
)

func channelNames() []Name {
	return []Name{
		MigrationExecOutgoing, MigrationExecIncoming, MigrationFDOutgoing, MigrationFDIncoming,
		MigrationFileOutgoing, MigrationFileIncoming, MigrationSocketAccepted, MigrationSocketConnected,
		MigrationSocketError, MigrationSetIncomingChannel, MigrationSetOutgoingChannel, TLSOutgoingStart,
		TLSOutgoingError, TLSOutgoingComplete, TLSIncomingStart, TLSIncomingError, TLSIncomingComplete,
		OpenReturnPath, OpenReturnPathContinue, ReturnPathEndBefore, ReturnPathEndAfter, ReturnPathEntry,
		ReturnPathLoopTop, ReturnPathPong, ReturnPathShut, ReturnPathSwitchoverAcked, ReturnPathResumeAck,
		ReturnPathBadEnd, ReturnPathEnd, MigrateHandleRPReqPages, MigrateSendRPMessage, MigrateSendRPRecvBitmap,
	}
}
