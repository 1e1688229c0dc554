package interop

import (
	"testing"

	"qmpmigrate/channels/tls/tlstest"
	"qmpmigrate/tests/emulator"
)

// secrets are what TLS is done with in a test: the properties of each end's credentials.
type secrets struct {
	name           string
	client, server map[string]any
}

// certified is a pair of ends that trust one authority.
func certified(t *testing.T) secrets {
	a := tlstest.NewAuthority(t, "ca")
	return secrets{"x509",
		map[string]any{"qom-type": "tls-creds-x509", "dir": a.Dir(t, "client", a.Sign(t, tlstest.Host("client")))},
		map[string]any{"qom-type": "tls-creds-x509", "dir": a.Dir(t, "server", a.Sign(t, tlstest.Host("server")))}}
}

// choosy is one whose ends take neither the newest version nor all ciphers.
func choosy(t *testing.T) secrets {
	s := certified(t)
	s.name = "choosy"
	s.client["priority"], s.server["priority"] = "SECURE128:-VERS-ALL:+VERS-TLS1.2", "SECURE128:-VERS-TLS1.3:%SERVER_PRECEDENCE"
	return s
}

// keyed is a pair of ends that know one key.
func keyed(t *testing.T) secrets {
	dir := tlstest.Keys(t, "other:00112233445566778899aabbccddeeff\nqemu:"+key+"\n")
	return secrets{"psk",
		map[string]any{"qom-type": "tls-creds-psk", "dir": dir}, map[string]any{"qom-type": "tls-creds-psk", "dir": dir}}
}

const key = "4e1ddd5ba8ba8e7a2ae58c5a5d39f4f44e1ddd5ba8ba8e7a2ae58c5a5d39f4f4"

// anonymous is a pair of ends that prove nothing.
func anonymous(*testing.T) secrets {
	return secrets{"anon", map[string]any{"qom-type": "tls-creds-anon"}, map[string]any{"qom-type": "tls-creds-anon"}}
}

// encrypt has the next migration out of e, or into it, use TLS.
func encrypt(t *testing.T, e *emulator.Emulator, endpoint string, properties map[string]any) {
	t.Helper()
	args := map[string]any{"id": "tls-" + endpoint, "endpoint": endpoint}
	for k, v := range properties {
		args[k] = v
	}
	emulator.Must(t, e.Execute(t.Context(), "object-add", args, nil))
	emulator.Must(t, e.SetParameters(t.Context(), map[string]any{"tls-creds": "tls-" + endpoint}))
}

// A guest goes from one real QEMU through an adopting qmpmigrate into another, over TLS on both legs.
func TestTLSThroughAdopt(t *testing.T) {
	for _, tc := range []struct {
		from, to, machine string
		first, second     func(*testing.T) secrets
		channel           emulator.Channel // of the second leg
	}{
		{"10.0", "10.0", "pc-i440fx-10.0", choosy, anonymous, emulator.TCP()},
		{"7.2", "10.0", "pc-i440fx-7.2", certified, keyed, emulator.Unix()},
		{"10.0", "7.2", "pc-i440fx-7.2", keyed, certified, emulator.TCP()},
		{"7.2", "10.0", "pc-i440fx-7.2", keyed, choosy, emulator.FD()},
		{"10.0", "7.2", "pc-i440fx-7.2", anonymous, keyed, emulator.TCP()},
	} {
		first, second := tc.first(t), tc.second(t)
		t.Run(tc.from+"_"+first.name+"_"+second.name+"_"+tc.to, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			src := emulator.LaunchGuest(t, emulator.NeedQEMU(t, tc.from), "source", tc.machine, nil)
			dst := emulator.LaunchGuest(t, emulator.NeedQEMU(t, tc.to), "destination", tc.machine, nil, "-S", "-incoming", "defer")
			middle := adopting(t)
			emulator.Must(t, src.WaitBooted(ctx))
			encrypt(t, src, "client", first.client)
			encrypt(t, middle, "server", first.server)
			emulator.Must(t, src.SetParameters(ctx, fast))
			move(t, emulator.TCP(), src, middle)
			encrypt(t, middle, "client", second.client)
			encrypt(t, dst, "server", second.server)
			emulator.Must(t, middle.SetParameters(ctx, fast))
			emulator.Must(t, middle.SetParameters(ctx, map[string]any{"tls-hostname": "localhost"}))
			move(t, tc.channel, middle, dst)
			emulator.Must(t, emulator.SameMemory(ctx, src, dst, emulator.GuestMemory))
			goesOn(t, dst)
		})
	}
}
