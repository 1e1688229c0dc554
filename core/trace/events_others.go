package trace

// Events of COLO, and of the dirty rate.
const (
	COLOSendMessage      Name = "colo_send_message"
	COLOReceiveMessage   Name = "colo_receive_message"
	COLOVMStateChange    Name = "colo_vm_state_change"
	COLOFailoverSetState Name = "colo_failover_set_state"
	COLOFlushBegin       Name = "colo_flush_ram_cache_begin"
	COLOFlushEnd         Name = "colo_flush_ram_cache_end"
	SavevmSendCOLOEnable Name = "savevm_send_colo_enable"
	DirtyRateSetState    Name = "dirtyrate_set_state"
	DirtyRateCalculate   Name = "dirtyrate_calculate"
	QueryDirtyRateInfo   Name = "query_dirty_rate_info"
)

func otherNames() []Name {
	return []Name{
		COLOSendMessage, COLOReceiveMessage, COLOVMStateChange, COLOFailoverSetState, COLOFlushBegin, COLOFlushEnd,
		SavevmSendCOLOEnable, DirtyRateSetState, DirtyRateCalculate, QueryDirtyRateInfo,
	}
}
