package hmp

import (
	"fmt"
	"slices"
	"strings"

	"qmpmigrate/qapi"
)

// numberList writes numbers as QEMU writes lists of them: sorted, each once, with ranges.
func numberList(list []uint32) string {
	sorted := slices.Compact(slices.Sorted(slices.Values(list)))
	var parts []string
	for i := 0; i < len(sorted); {
		j := i
		for j+1 < len(sorted) && sorted[j+1] == sorted[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, fmt.Sprint(sorted[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", sorted[i], sorted[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}

// socketURI writes an address as QEMU's lists of addresses do, an IPv6 one without brackets.
func socketURI(a *qapi.SocketAddress) string {
	switch {
	case a.Inet != nil:
		return fmt.Sprintf("tcp:%s:%s", a.Inet.Host, a.Inet.Port)
	case a.Unix != nil:
		return "unix:" + a.Unix.Path
	case a.FD != nil:
		return "fd:" + a.FD.Str
	case a.Vsock != nil:
		return fmt.Sprintf("vsock:%s:%s", a.Vsock.CID, a.Vsock.Port)
	}
	return "unknown address type"
}
