package conduct

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

// dialect is what a peer says that it knows.
type dialect struct {
	capabilities []string
	schema       string // members of migrate-set-parameters; empty: it has no schema
	values       map[string]any
}

func (d dialect) answer(command string, _ map[string]any) (any, error) {
	switch command {
	case "query-migrate-capabilities":
		list := []any{}
		for _, name := range d.capabilities {
			list = append(list, map[string]any{"capability": name, "state": false})
		}
		return list, nil
	case "query-qmp-schema":
		if d.schema == "" {
			return nil, errors.New("The command query-qmp-schema has not been found")
		}
		return json.RawMessage(`[{"name": "migrate-set-parameters", "meta-type": "command", "arg-type": "p"},
			{"name": "p", "meta-type": "object", "members": [` + d.schema + `]},
			{"name": "int", "meta-type": "builtin", "json-type": "int"},
			{"name": "e", "meta-type": "enum", "values": ["none", "zlib"]},
			{"name": "f", "meta-type": "enum", "values": ["none", "zlib", "zstd"]}]`), nil
	case "query-migrate-parameters":
		return d.values, nil
	}
	return nil, nil
}

func TestSet(t *testing.T) {
	older := dialect{
		capabilities: []string{"multifd", "xbzrle", "zero-blocks", "block"},
		schema:       `{"name": "max-bandwidth", "type": "int"}, {"name": "method", "type": "e"}, {"name": "decompress-threads", "type": "int"}`,
	}
	newer := dialect{
		capabilities: []string{"multifd", "xbzrle", "new-thing", "dirty-limit"},
		schema: `{"name": "max-bandwidth", "type": "int"}, {"name": "method", "type": "f"}, ` +
			`{"name": "vcpu-dirty-limit", "type": "int"}`,
	}
	old := dialect{capabilities: []string{"multifd"}, values: map[string]any{"max-bandwidth": 5, "cpr": true, "method": "none"}}
	for _, tc := range []struct {
		source, destination dialect
		settings, want      string
	}{
		{newer, newer, "multifd", "map[multifd:true] map[] map[multifd:true] map[]"},
		{newer, older, "multifd=off xbzrle=on max-bandwidth=1M",
			"map[multifd:false xbzrle:true] map[max-bandwidth:1048576] map[multifd:false xbzrle:true] map[max-bandwidth:1048576]"},
		{newer, older, "max-bandwidth=1 max-bandwidth=2", "map[] map[max-bandwidth:2] map[] map[max-bandwidth:2]"},
		{newer, older, "method=zlib", "map[] map[method:zlib] map[] map[method:zlib]"},
		{newer, older, "method=zstd", "!parameter 'method' of destination: 'zstd' is not one of none, zlib"},
		{newer, older, "vcpu-dirty-limit=3 dirty-limit", "map[dirty-limit:true] map[vcpu-dirty-limit:3] map[] map[]"},
		{newer, older, "decompress-threads=3", "map[] map[] map[] map[decompress-threads:3]"},
		{older, newer, "decompress-threads=3", "!'decompress-threads' is known to source but not to destination, and both would have to do it"},
		{newer, older, "new-thing", "!'new-thing' is known to source but not to destination, and both would have to do it"},
		{newer, older, "new-thing=off", "map[new-thing:false] map[] map[] map[]"},
		{newer, older, "block", "!'block' is known to destination but not to source, and both would have to do it"},
		{newer, older, "multfd", "!'multfd' is neither a capability nor a parameter of source or destination; did you mean multifd?"},
		{newer, older, "whatever=1", "!'whatever' is neither a capability nor a parameter of source or destination"},
		{newer, older, "multifd=maybe", "!capability 'multifd': 'maybe' is neither on nor off"},
		{newer, older, "max-bandwidth", "!parameter 'max-bandwidth' needs a value: max-bandwidth=INT"},
		{newer, older, "max-bandwidth=fast", "!parameter 'max-bandwidth' of source: 'fast' is not a whole number or a size"},
		{old, old, "max-bandwidth=1K cpr=off method=zstd", "map[] map[cpr:false max-bandwidth:1024 method:zstd] map[] map[cpr:false max-bandwidth:1024 method:zstd]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := Options{Source: newPeer(tc.source.answer).endpoint(t, "source"),
				Destination: newPeer(tc.destination.answer).endpoint(t, "destination")}
			defer o.Source.Close()
			defer o.Destination.Close()
			err := o.Set(t.Context(), strings.Fields(tc.settings)...)
			if text, bad := strings.CutPrefix(tc.want, "!"); bad {
				if err == nil || err.Error() != text {
					t.Errorf("%s: error is %v, not %s", tc.settings, err, text)
				}
				return
			}
			got := fmt.Sprintf("%v %v %v %v", o.SourceCapabilities, o.SourceParameters, o.DestinationCapabilities, o.DestinationParameters)
			if err != nil || got != tc.want {
				t.Errorf("%s: %s, not %s (%v)", tc.settings, got, tc.want, err)
			}
		})
	}
}

// Whatever a peer answers, it is an error and no more.
func TestSetWithBadPeers(t *testing.T) {
	for name, tc := range map[string]struct {
		answer func(string, map[string]any) (any, error)
		want   string
	}{
		"refuses": {func(string, map[string]any) (any, error) { return nil, errors.New("no") }, "source: query-migrate-capabilities: no"},
		"rubbish": {func(string, map[string]any) (any, error) { return []any{1, "x"}, nil }, "returned what is not expected"},
		"schema": {func(command string, _ map[string]any) (any, error) {
			if command == "query-qmp-schema" {
				return "none", nil
			}
			return []any{}, nil
		}, "source: schema: json: cannot unmarshal string"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := Options{Source: newPeer(tc.answer).endpoint(t, "source"), Destination: newPeer(tc.answer).endpoint(t, "destination")}
				defer o.Source.Close()
				defer o.Destination.Close()
				if err := o.Set(t.Context(), "multifd"); err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("error is %v", err)
				}
				if err := o.Set(t.Context()); err != nil {
					t.Errorf("without settings: %v", err)
				}
			})
		})
	}
}
