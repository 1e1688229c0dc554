package channels

import (
	"net/netip"
	"strconv"
	"strings"
)

// parseHostNumber reads a numeric host: IPv6 with an optional zone, or IPv4 in any of the old notations of inet_aton,
// such as "0" for all addresses.
func parseHostNumber(host string) (netip.Addr, bool) {
	if strings.Contains(host, ":") {
		ip, err := netip.ParseAddr(host)
		return ip, err == nil
	}
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var value uint64
	for i, part := range parts {
		number, ok := parseHostPart(part)
		width := 8 // bits; the last part fills all that the others have left
		if i == len(parts)-1 {
			width = 8 * (5 - len(parts))
		}
		if !ok || number >= 1<<width {
			return netip.Addr{}, false
		}
		value = value<<width | number
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

// parseHostPart reads a decimal, octal (0...) or hexadecimal (0x...) number.
func parseHostPart(part string) (uint64, bool) {
	base := 10
	switch {
	case strings.HasPrefix(part, "0x"), strings.HasPrefix(part, "0X"):
		part, base = part[2:], 16
	case len(part) > 1 && part[0] == '0':
		part, base = part[1:], 8
	}
	number, err := strconv.ParseUint(part, base, 64)
	return number, err == nil
}
