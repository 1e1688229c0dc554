package libvirt_test

// lenient lets a migration end with the first look at what the guest has written meanwhile, also where compressed pages
// are so small that what goes out in a second never promises to be the memory that is left; strict lets none end while the
// guest runs.
var (
	lenient = virsh("migrate-setmaxdowntime", domain, "2000000")
	strict  = virsh("migrate-setmaxdowntime", domain, "1")
)

// aborted gives a migration up that goes on. What virsh says then is the source's word, or the destination's, whichever
// end is the first to notice.
var aborted = all(virsh("domjobabort", domain), failed("(?i)(cancel|abort|closed the monitor)"),
	told(`"execute":"migrate_cancel"`), state("running"), verified)

// life is what a domain goes through without a migration.
var life = []step{
	{name: "capabilities", does: []action{
		virsh("capabilities"), says("<arch>x86_64</arch>"),
		virsh("domcapabilities", "--virttype", "qemu", "--arch", "x86_64", "--emulatorbin", "EMULATOR", "--machine", "MACHINE"),
		says("<domain>qemu</domain>"),
	}},
	{name: "define and start", always: true, does: []action{
		everywhere("define", "FILE:guest.xml"),
		virsh("start", domain), state("running (booted)"), begun,
	}},
	{name: "dominfo and domstats", does: []action{
		virsh("dominfo", domain), says(`State: +running`, `Used memory: +131072 KiB`),
		virsh("domstats", domain), says(`state.state=1`, `cpu.time=[1-9]`, `vcpu.current=1`, `vcpu.0.state=[12]`),
		comes(`vcpu.0.time=[1-9]`, "domstats", domain),
	}},
	{name: "suspend and resume", does: []action{
		virsh("suspend", domain), state("paused (user)"), told(`"event":"STOP"`), verified,
		virsh("resume", domain), state("running (unpaused)"), told(`"event":"RESUME"`), verified,
	}},
	{name: "reset", does: []action{
		virsh("reset", domain), told(`"event":"RESET"`), state("running"), begun,
	}},
	{name: "libvirtd starts again", does: []action{
		restarted, state("running"), virsh("dominfo", domain), says(`State: +running`), verified,
	}},
	{name: "destroy", does: []action{
		virsh("destroy", domain), state("shut off (destroyed)"),
		virsh("start", domain), state("running (booted)"), begun,
	}},
}

// moves take the domain from host to host, back and forth.
var moves = []step{
	{name: "migrate live", always: true, does: []action{
		lenient, migrated("--live"), toldThere(`"execute":"getfd"`), toldThere(`fd:migrate`),
		virsh("domjobinfo", "--completed", domain), says(`Completed`, `Total downtime: +[1-9]`, `Memory total: +1[23]\d\.\d+ MiB`),
	}},
	{name: "migrate cold", does: []action{
		migrated(), toldThere(`"execute":"stop"`),
	}},
	{name: "migrate by p2p", does: []action{
		lenient, migrated("--live", "--p2p"),
	}},
	{name: "migrate through the tunnel", does: []action{
		lenient, migrated("--live", "--p2p", "--tunnelled"), told(`"uri":"fd:`),
	}},
	{name: "migrate in parallel", does: []action{
		lenient, migrated("--live", "--parallel", "--parallel-connections", "3"),
		toldThere(`"capability":"multifd","state":true`), toldThere(`"multifd-channels":3`), toldThere(`"uri":"tcp:127`),
	}},
	{name: "migrate in parallel with zstd", only: "11.3", does: []action{
		lenient, migrated("--live", "--parallel", "--comp-methods", "zstd"), toldThere(`"multifd-compression":"zstd"`),
	}},
	{name: "migrate compressed", does: []action{
		lenient, migrated("--live", "--compressed", "--comp-methods", "xbzrle"), toldThere(`"capability":"xbzrle","state":true`),
	}},
	{name: "migrate with auto-converge", does: []action{
		lenient, migrated("--live", "--auto-converge"), toldThere(`"capability":"auto-converge","state":true`),
	}},
	{name: "migrate by migrate-postcopy", does: []action{
		strict, begin("--live", "--postcopy", "--bandwidth", "8"), told(`MIGRATION_PASS`),
		virsh("migrate-postcopy", domain), ended("running"), verified, toldThere(`postcopy-active`), told(`postcopy-active`),
	}},
	// libvirtd 11.3.0 at the destination dies of each --postcopy-resume, whatever the emulator: qemuProcessIncomingDefNew
	// follows a pointer that is null there.
	{name: "migrate by postcopy that is cut and resumed", only: "9.0", does: []action{
		strict, begin("--live", "--postcopy", "--bandwidth", "8", "--postcopy-bandwidth", "1"), told(`MIGRATION_PASS`),
		virsh("migrate-postcopy", domain), told(`postcopy-active`),
		virsh("domjobabort", "--postcopy", domain), failed("(?i)post-?copy"), told(`postcopy-paused`), toldThere(`postcopy-paused`),
		state("paused (post-copy failed)"),
		begin("--live", "--postcopy", "--postcopy-resume"), told(`postcopy-recover`),
		virsh("migrate-setspeed", "--postcopy", domain, "1000"),
		// virsh leaves where the destination's libvirtd has not heard yet that its end recovers; the migration goes on.
		endedOr("running", "failed in post-copy phase"), verified,
	}},
	{name: "migrate by TLS", does: []action{
		lenient, migrated("--live", "--tls"), toldThere(`tls-creds-x509`), told(`tls-creds-x509`),
	}},
	{name: "migrate and stay suspended", does: []action{
		lenient, begin("--live", "--suspend"), ended("paused (user)"), verified,
		virsh("resume", domain), state("running"),
	}},
	{name: "migrate through a unix socket", does: []action{
		lenient, migrated("--live", "--migrateuri", "unix://FILE:migrate.sock"), told(`"uri":"unix:`),
	}},
	{name: "a migration that is looked at and given up", does: []action{
		strict, virsh("migrate-getmaxdowntime", domain), says("^1$"),
		begin("--live", "--bandwidth", "4"), told(`"status":"active"`), figures,
		virsh("migrate-setspeed", domain, "2"), virsh("migrate-getspeed", domain), says("^2$"), told(`"max-bandwidth":2097152`),
		virsh("migrate-setmaxdowntime", domain, "2"), told(`"downtime-limit":2`),
		aborted, virsh("domjobinfo", domain), says("None"),
		lenient, migrated("--live"),
	}},
}

// stores put the domain into a file and take it out again.
var stores = []step{
	{name: "save and restore", does: []action{
		virsh("save", domain, "FILE:saved"), state("shut off (saved)"),
		virsh("restore", "FILE:saved"), state("running (restored)"), verified,
	}},
	{name: "managedsave and start", does: []action{
		virsh("managedsave", domain), state("shut off (saved)"),
		virsh("start", domain), state("running (restored)"), verified,
	}},
	{name: "save sparse and restore", only: "11.3", does: []action{
		virsh("save", domain, "FILE:sparse", "--image-format", "sparse"), state("shut off (saved)"),
		told(`"capability":"mapped-ram","state":true`), told(`file:/dev/fdset/`),
		virsh("restore", "FILE:sparse"), state("running (restored)"), verified,
	}},
	{name: "shutdown", does: []action{
		virsh("shutdown", domain), state("shut off (shutdown)"), told(`"event":"POWERDOWN"`), told(`"event":"SHUTDOWN"`),
	}},
}

// busy is for a domain that writes more than any link carries. A limit makes passes long enough for the guest to get a
// CPU in each, also where other processes want it.
var busy = []step{
	{name: "define and start a busy one", does: []action{
		everywhere("define", "FILE:busy.xml"),
		virsh("start", domain), state("running (booted)"), begun, counts,
	}},
	{name: "migrate by postcopy after precopy", does: []action{
		strict, migrated("--live", "--postcopy", "--postcopy-after-precopy", "--bandwidth", "64"), toldThere(`"execute":"migrate-start-postcopy"`),
		toldThere(`postcopy-active`), told(`postcopy-active`),
	}},
	{name: "a destination that is destroyed", does: []action{
		strict, begin("--live", "--bandwidth", "64"), told(`MIGRATION_PASS.*"pass":2\b`),
		onArrival("destroy", domain), failed("."), state("running"), verified,
		lenient, migrated("--live"),
	}},
	{name: "migrations that are given up at any time", does: []action{
		strict,
		begin("--live", "--bandwidth", "64"), told(`"status":"setup"`), aborted,
		begin("--live", "--bandwidth", "64"), told(`"status":"active"`), aborted,
		begin("--live", "--bandwidth", "64"), told(`MIGRATION_PASS.*"pass":2\b`), aborted,
		begin("--live", "--p2p", "--bandwidth", "64"), told(`MIGRATION_PASS.*"pass":3\b`), aborted,
	}},
}

// furnished is for a PC with a disk and, by 9.0, a network card, for which libvirt has to find places on a bus.
var furnished = []step{
	{name: "define and start a furnished one", does: []action{
		virsh("destroy", domain), everywhere("define", "FILE:pc.xml"),
		virsh("start", domain), state("running (booted)"), begun,
		virsh("domblklist", domain), says(`vda +/\S+disk.img`),
	}},
	{name: "migrate a furnished one", does: []action{
		lenient, migrated("--live", "--unsafe"), virsh("domblkstat", domain, "vda"), says("rd_req"),
	}},
}
