package cmdline

import "qmpmigrate/qapi/qobject"

// merge writes src over dst: objects member by member, lists end to end, scalars replaced. path is where both are,
// with a trailing dot unless they are roots.
func merge(dst, src *qobject.Dict, path string) error {
	for name, value := range src.All() {
		old, ok := dst.Get(name)
		if !ok {
			dst.Set(name, value)
			continue
		}
		switch value := value.(type) {
		case *qobject.Dict:
			node, ok := old.(*qobject.Dict)
			if !ok {
				return inconsistent(path + name)
			}
			if err := merge(node, value, path+name+"."); err != nil {
				return err
			}
		case qobject.List:
			list, ok := old.(qobject.List)
			if !ok {
				return inconsistent(path + name)
			}
			dst.Set(name, append(list, value...))
		default:
			if _, scalar := old.(string); !scalar {
				return inconsistent(path + name)
			}
			dst.Set(name, value)
		}
	}
	return nil
}

func inconsistent(name string) *Error { return fail("Parameter '%s' used inconsistently", name) }
