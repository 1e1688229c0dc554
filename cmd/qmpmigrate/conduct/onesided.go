package conduct

// onlySource names what is the source's business alone: a destination that does
// not know it sees no difference.
func onlySource() []string {
	return []string{
		"auto-converge", "dirty-limit", "events", "pause-before-switchover", "zero-blocks", "zero-copy-send",
		"avail-switchover-bandwidth", "compress-level", "compress-threads", "compress-wait-thread",
		"cpu-throttle-increment", "cpu-throttle-initial", "cpu-throttle-tailslow", "downtime-limit",
		"max-bandwidth", "max-cpu-throttle", "max-postcopy-bandwidth", "multifd-qatzip-level",
		"multifd-zlib-level", "multifd-zstd-level", "throttle-trigger-threshold", "tls-hostname",
		"vcpu-dirty-limit", "x-vcpu-dirty-limit-period", "xbzrle-cache-size",
	}
}

// onlyDestination names what is the destination's.
func onlyDestination() []string {
	return []string{
		"events", "late-block-activate",
		"announce-initial", "announce-max", "announce-rounds", "announce-step", "decompress-threads", "tls-authz",
	}
}
