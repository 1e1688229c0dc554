package tls

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"strings"
)

// attributes are the types that have short names.
var attributes = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
	"2.5.4.9": "street", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.42": "givenName",
	"0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC", "1.2.840.113549.1.9.1": "EMAIL",
}

// Name is a certificate's subject, which is in DER, as text: "C=DE,O=Company,CN=client", in the order in which it is
// there. What cannot be read is empty.
func Name(subject []byte) string {
	var sets []asn1.RawValue
	if rest, err := asn1.Unmarshal(subject, &sets); err != nil || len(rest) > 0 {
		return ""
	}
	var out strings.Builder
	for i, set := range sets {
		if i > 0 {
			out.WriteByte(',')
		}
		for rest, first := set.Bytes, true; len(rest) > 0; first = false {
			var a struct {
				Type  asn1.ObjectIdentifier
				Value asn1.RawValue
			}
			var err error
			if rest, err = asn1.Unmarshal(rest, &a); err != nil {
				return ""
			}
			if !first {
				out.WriteByte('+')
			}
			out.WriteString(attribute(a.Type.String(), a.Value))
		}
	}
	return out.String()
}

func attribute(oid string, value asn1.RawValue) string {
	name, known := attributes[oid]
	text := ""
	if known {
		if _, err := asn1.Unmarshal(value.FullBytes, &text); err != nil {
			known = false
		}
	}
	if !known {
		return oid + "=#" + hex.EncodeToString(value.FullBytes)
	}
	return name + "=" + escape(text)
}

// escape keeps what would be read as a part of the form from being that.
func escape(text string) string {
	var out bytes.Buffer
	for i := range len(text) {
		c := text[i]
		edge := i == 0 && (c == ' ' || c == '#') || i == len(text)-1 && c == ' '
		if edge || strings.IndexByte(`,+"\<>;`, c) >= 0 {
			out.WriteByte('\\')
		}
		out.WriteByte(c)
	}
	return out.String()
}
