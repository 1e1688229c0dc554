// Package shell is a QMP shell: it makes commands of what people write, and
// knows their arguments from the schema of the server that it talks to.
package shell
