package main

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
)

// identity is whom the process becomes.
type identity struct {
	uid, gid int
	groups   []int
}

// lookUp finds a user by name, or by uid:gid.
func lookUp(name string) (identity, error) {
	if u, err := user.Lookup(name); err == nil {
		id := identity{groups: []int{}}
		id.uid, _ = strconv.Atoi(u.Uid)
		id.gid, _ = strconv.Atoi(u.Gid)
		groups, _ := u.GroupIds()
		for _, g := range groups {
			if n, err := strconv.Atoi(g); err == nil {
				id.groups = append(id.groups, n)
			}
		}
		return id, nil
	}
	u, g, _ := strings.Cut(name, ":")
	uid, bad := strconv.ParseUint(u, 10, 31)
	gid, worse := strconv.ParseUint(g, 10, 31)
	if bad != nil || worse != nil {
		return identity{}, fmt.Errorf("User \"%s\" doesn't exist (and is not <uid>:<gid>)", name)
	}
	return identity{int(uid), int(gid), []int{int(gid)}}, nil
}

// dropPrivileges gives up what is not needed once everything is open: the view
// of the files, and the right to be root.
func dropPrivileges(w cmdline.RunWith) error {
	var id identity
	if w.User != "" {
		var err error
		if id, err = lookUp(w.User); err != nil {
			return err
		}
	}
	if w.Chroot != "" {
		if err := unix.Chroot(w.Chroot); err != nil {
			return fmt.Errorf("chroot failed")
		}
		if err := os.Chdir("/"); err != nil {
			return failed(err, "not able to chdir to /")
		}
	}
	if w.User == "" {
		return nil
	}
	return id.become()
}

func (id identity) become() error {
	if err := unix.Setgid(id.gid); err != nil {
		return fmt.Errorf("Failed to setgid(%d)", id.gid)
	}
	if err := unix.Setgroups(id.groups); err != nil {
		return fmt.Errorf("Failed to setgroups(%d, %v)", len(id.groups), id.groups)
	}
	if err := unix.Setuid(id.uid); err != nil {
		return fmt.Errorf("Failed to setuid(%d)", id.uid)
	}
	if id.uid != 0 && unix.Setuid(0) == nil {
		return fmt.Errorf("Dropping privileges failed")
	}
	return nil
}
