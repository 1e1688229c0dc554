package child

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Identity is whom a process becomes, to give up what it does not need any
// more. The zero value changes nothing.
type Identity struct {
	// Root is the folder outside of which it sees no files; "" is all of them.
	Root string
	// User says that the process gets these numbers.
	User     bool
	UID, GID int
	Groups   []int
}

// Assume makes this process, with all of its threads, the identity's. Where it
// fails the process should end.
func (id Identity) Assume() error {
	if id.Root != "" {
		if err := unix.Chroot(id.Root); err != nil {
			return errors.New("chroot failed")
		}
		if err := unix.Chdir("/"); err != nil {
			return fmt.Errorf("not able to chdir to /: %w", err)
		}
	}
	if !id.User {
		return nil
	}
	if err := unix.Setgid(id.GID); err != nil {
		return fmt.Errorf("Failed to setgid(%d)", id.GID)
	}
	if err := unix.Setgroups(id.Groups); err != nil {
		return fmt.Errorf("Failed to setgroups(%d, %v)", len(id.Groups), id.Groups)
	}
	if err := unix.Setuid(id.UID); err != nil {
		return fmt.Errorf("Failed to setuid(%d)", id.UID)
	}
	if id.UID != 0 && unix.Setuid(0) == nil {
		return errors.New("Dropping privileges failed")
	}
	return nil
}
