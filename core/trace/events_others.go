package trace

// Events of COLO, and of the dirty rate.
const (
	COLOSendMessage    Name = "colo_send_message"
	COLOReceiveMessage Name = "colo_receive_message"
	DirtyRateSetState  Name = "dirtyrate_set_state"
	DirtyRateCalculate Name = "dirtyrate_calculate"
	QueryDirtyRateInfo Name = "query_dirty_rate_info"
)

func otherNames() []Name {
	return []Name{COLOSendMessage, COLOReceiveMessage, DirtyRateSetState, DirtyRateCalculate, QueryDirtyRateInfo}
}
