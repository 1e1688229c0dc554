package main

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// textRequest reads a line of QEMU's log: when, in µs, what happened to which page. It is like
// 4711@1700000000.000123:postcopy_page_req_add new page req 0x7f0000001000 total 1
func textRequest(line []byte) (now int64, event, page string, ok bool) {
	stamp, rest, _ := bytes.Cut(line, []byte(":"))
	_, stamp, _ = bytes.Cut(stamp, []byte("@"))
	now, err := strconv.ParseInt(string(bytes.Replace(stamp, []byte("."), nil, 1)), 10, 64)
	words := strings.Fields(string(rest))
	if err != nil || len(words) != 7 {
		return 0, "", "", false
	}
	return now, words[0], words[4], true
}

// jsonRequest reads a line of qmpmigrate's log.
func jsonRequest(line []byte) (now int64, event, page string, ok bool) {
	var told struct {
		Time  time.Time
		Event string
		Addr  *uint64
	}
	if json.Unmarshal(line, &told) != nil || told.Addr == nil {
		return 0, "", "", false
	}
	return told.Time.UnixMicro(), told.Event, strconv.FormatUint(*told.Addr, 16), true
}
