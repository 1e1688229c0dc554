package tls

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"
)

func subject(t testing.TB, sets ...pkix.RelativeDistinguishedNameSET) []byte {
	t.Helper()
	der, err := asn1.Marshal(pkix.RDNSequence(sets))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func attributeOf(oid asn1.ObjectIdentifier, value any) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: oid, Value: value}
}

// No value can pass for more of a name than it is.
func TestName(t *testing.T) {
	cn, country := asn1.ObjectIdentifier{2, 5, 4, 3}, asn1.ObjectIdentifier{2, 5, 4, 6}
	other := asn1.ObjectIdentifier{1, 2, 3}
	for want, sets := range map[string][]pkix.RelativeDistinguishedNameSET{
		"":                      nil,
		"C=DE,CN=client":        {{attributeOf(country, "DE")}, {attributeOf(cn, "client")}},
		"CN=a+C=DE":             {{attributeOf(cn, "a"), attributeOf(country, "DE")}},
		`CN=a\,CN=b`:            {{attributeOf(cn, "a,CN=b")}},
		`CN=\#a\+b\\\ `:         {{attributeOf(cn, `#a+b\ `)}},
		`CN=\ `:                 {{attributeOf(cn, " ")}},
		`CN=\"\<\>\;#`:          {{attributeOf(cn, `"<>;#`)}},
		"1.2.3=#130161":         {{attributeOf(other, "a")}},
		"2.5.4.3=#020107,CN=ä€": {{attributeOf(cn, 7)}, {attributeOf(cn, "ä€")}},
	} {
		if got := Name(subject(t, sets...)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, bad := range []string{"", "\x30", "\x30\x00x", "\x30\x05\x31\x03\x30\x01\x06", "\x02\x01\x00"} {
		if got := Name([]byte(bad)); got != "" {
			t.Errorf("%q is %q", bad, got)
		}
	}
}

// FuzzName: whatever is in a subject, its text has as many parts as it has attributes.
func FuzzName(f *testing.F) {
	cn := asn1.ObjectIdentifier{2, 5, 4, 3}
	f.Add(subject(f, pkix.RelativeDistinguishedNameSET{attributeOf(cn, `a,+\ `), attributeOf(asn1.ObjectIdentifier{1, 2, 3}, 5)}))
	f.Add(subject(f, pkix.RelativeDistinguishedNameSET{attributeOf(cn, "é")}, pkix.RelativeDistinguishedNameSET{attributeOf(cn, "b")}))
	f.Fuzz(func(t *testing.T, der []byte) {
		name := Name(der)
		var sets pkix.RDNSequence
		if rest, err := asn1.Unmarshal(der, &sets); err != nil || len(rest) > 0 || name == "" {
			return
		}
		want := 0
		for _, set := range sets {
			if len(set) == 0 {
				return
			}
			want += len(set)
		}
		parts := 1
		for i := 0; i < len(name); i++ {
			switch {
			case name[i] == '\\':
				i++
			case strings.IndexByte(",+", name[i]) >= 0:
				parts++
			}
		}
		if parts != want {
			t.Errorf("%q has %d parts, its subject %d", name, parts, want)
		}
	})
}
