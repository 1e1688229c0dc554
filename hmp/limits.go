package hmp

import "time"

const (
	readSize = 4 << 10 // bytes asked of a connection at once

	// maxOutput is how much text one command may give. It is collected before any is sent, so that a client that does
	// not read does not keep other monitors from running commands.
	maxOutput = 16 << 20

	maxWords = 16 // of a line that is completed, as in QEMU

	// pollMigration is the time between two looks at a migration that a client waits for.
	pollMigration = 100 * time.Millisecond
)
