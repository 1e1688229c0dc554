package emulator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Program is what can be started as an emulator.
type Program struct {
	Name string   // for messages and tables: "qemu-7.2", "qmpmigrate"
	Path string   // executable
	Args []string // given before all other arguments
	// QEMU tells a real QEMU from qmpmigrate where a test must know.
	QEMU bool
}

func (p Program) String() string { return p.Name }

// Dir returns the folder into which tests/qemu/install.sh unpacks: $QMPMIGRATE_QEMU_DIR, by default qmpmigrate/qemu in
// the user's cache folder.
func Dir() (string, error) {
	if dir := os.Getenv("QMPMIGRATE_QEMU_DIR"); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "qmpmigrate", "qemu"), nil
}

// QEMU returns the real QEMU of a version, "7.2" or "10.0", as tests/qemu/install.sh unpacks it.
func QEMU(version string) (Program, error) {
	dir, err := Dir()
	if err != nil {
		return Program{}, err
	}
	path := filepath.Join(dir, version, "qemu-system-x86_64")
	if _, err := os.Stat(path); err != nil {
		return Program{}, fmt.Errorf("no QEMU %s: %w (run tests/qemu/install.sh)", version, err)
	}
	return Program{Name: "qemu-" + version, Path: path, QEMU: true}, nil
}

// Server returns qmpmigrate itself: $QMPMIGRATE_BINARY, or a binary that is built into dir.
func Server(dir string) (Program, error) {
	path := os.Getenv("QMPMIGRATE_BINARY")
	if path == "" {
		path = filepath.Join(dir, "qmpmigrate")
		build := exec.Command("go", "build", "-o", path, "qmpmigrate/cmd/qmpmigrate")
		if out, err := build.CombinedOutput(); err != nil {
			return Program{}, fmt.Errorf("building qmpmigrate: %w\n%s", err, out)
		}
	}
	return Program{Name: "qmpmigrate", Path: path}, nil
}

// dependOnSources looks at every folder of the module. Go's cache of test results follows what a test opens,
// and would otherwise not know that a result is that of a program built from there.
func dependOnSources() error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("finding the module: %w", err)
	}
	return filepath.WalkDir(strings.TrimSpace(string(root)), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone meanwhile
		}
		if err == nil && entry.IsDir() && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
}
