package main

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
)

// sandbox keeps the process from starting programs, for good: migrations over
// exec: fail then. The other parts of -sandbox are about what this program
// never does.
func sandbox(s cmdline.Sandbox) error {
	if !s.DenySpawn {
		return nil
	}
	const (
		nr      = 0 // where the number of the system call is in what a filter sees
		refused = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	)
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	refuse := func(call uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jt: skip}
	}
	filter := []unix.SockFilter{
		load(nr),
		refuse(unix.SYS_EXECVE, 2),
		refuse(unix.SYS_EXECVEAT, 1),
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		{Code: unix.BPF_RET | unix.BPF_K, K: refused},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return failed(err, "failed to install seccomp syscall filter in the kernel")
	}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	runtime.KeepAlive(filter)
	if errno != 0 {
		return failed(errno, "failed to install seccomp syscall filter in the kernel")
	}
	return nil
}
