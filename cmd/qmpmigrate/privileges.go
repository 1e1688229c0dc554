package main

import (
	"fmt"
	"os/user"
	"strconv"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/guest/child"
)

// identity is whom the process becomes once everything is open, by -run-with.
func identity(w cmdline.RunWith) (child.Identity, error) {
	id := child.Identity{Root: w.Chroot}
	if w.User == "" {
		return id, nil
	}
	id.User = true
	if u, err := user.Lookup(w.User); err == nil {
		id.UID, _ = strconv.Atoi(u.Uid)
		id.GID, _ = strconv.Atoi(u.Gid)
		groups, _ := u.GroupIds()
		for _, g := range groups {
			if n, err := strconv.Atoi(g); err == nil {
				id.Groups = append(id.Groups, n)
			}
		}
		return id, nil
	}
	u, g, _ := strings.Cut(w.User, ":")
	uid, bad := strconv.ParseUint(u, 10, 31)
	gid, worse := strconv.ParseUint(g, 10, 31)
	if bad != nil || worse != nil {
		return id, fmt.Errorf("User \"%s\" doesn't exist (and is not <uid>:<gid>)", w.User)
	}
	id.UID, id.GID, id.Groups = int(uid), int(gid), []int{int(gid)}
	return id, nil
}
