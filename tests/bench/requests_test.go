package main

import (
	"slices"
	"testing"
)

func TestRequestTimes(t *testing.T) {
	const add, del = "postcopy_page_req_add new page req ", "postcopy_page_req_del resolved page req "
	times, err := requestTimes([]byte("7@9.999990:" + add + "0x1000 total 1\n" +
		"7@10.000100:" + add + "0x3000 total 2\n" +
		"8@10.000200:" + del + "0x1000 total 1\n" +
		"8@10.000201:" + del + "0x3000 total 0\n"))
	if err != nil || !slices.Equal(times, []int64{210, 101}) {
		t.Errorf("times are %v, %v", times, err)
	}
	const stamp, page = `{"time":"2026-01-02T03:04:05.00010`, `,"addr":4096,"count":1}` + "\n"
	times, err = requestTimes([]byte(stamp + `0Z","thread":7,"event":"postcopy_page_req_add"` + page +
		stamp + `7Z","thread":8,"event":"postcopy_page_req_del"` + page))
	if err != nil || !slices.Equal(times, []int64{7}) {
		t.Errorf("times are %v, %v", times, err)
	}
	for name, log := range map[string]string{
		"never came":     "7@1.000000:" + add + "0x1000 total 1\n",
		"never asked":    "7@1.000000:" + del + "0x1000 total 0\n",
		"no time":        add + "0x1000 total 1\n",
		"another event":  "7@1.000000:migrate_set_state new page req 0x1000 total 1\n",
		"no page":        `{"time":"2026-01-02T03:04:05Z","event":"postcopy_page_req_add"}` + "\n",
		"no json":        "{\n",
		"another format": "7@1.000000:postcopy_page_req_add 0x1000\n",
	} {
		if times, err := requestTimes([]byte(log)); err == nil {
			t.Errorf("%s: no error, %v", name, times)
		}
	}
}
