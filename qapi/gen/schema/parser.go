package schema

// node is one value of the language: an object, a list, a string or a truth value.
type node struct {
	pos     Pos
	kind    nodeKind
	text    string
	flag    bool
	list    []*node
	members []nodeMember
}

type nodeKind string

const (
	objectNode nodeKind = "an object"
	listNode   nodeKind = "a list"
	stringNode nodeKind = "a string"
	boolNode   nodeKind = "true or false"
)

type nodeMember struct {
	key   string
	pos   Pos
	value *node
}

func (n *node) get(key string) *node {
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// nestingMax keeps a broken file from exhausting the stack; real schemas nest four deep.
const nestingMax = 64

// parser turns tokens into expressions.
type parser struct {
	lex   lexer
	tok   token // the next token, not consumed yet
	depth int
}

func newParser(file, src string) (*parser, error) {
	p := &parser{lex: lexer{src: src, pos: Pos{File: file, Line: 1}}}
	return p, p.advance()
}

func (p *parser) advance() (err error) {
	p.tok, err = p.lex.next()
	return err
}

// accept consumes the next token if it is of the given kind.
func (p *parser) accept(kind tokenKind) (bool, error) {
	if p.tok.kind != kind {
		return false, nil
	}
	return true, p.advance()
}

func (p *parser) value() (*node, error) {
	t := p.tok
	n := &node{pos: t.pos, text: t.text}
	if p.depth++; p.depth > nestingMax {
		return nil, errorAt(t.pos, "nested too deeply")
	}
	defer func() { p.depth-- }()
	switch {
	case t.kind == '{':
		n.kind = objectNode
		return n, p.object(n)
	case t.kind == '[':
		n.kind = listNode
		return n, p.items(n)
	case t.kind == tokenString:
		n.kind = stringNode
		return n, p.advance()
	case t.kind == tokenWord && (t.text == "true" || t.text == "false"):
		n.kind, n.flag = boolNode, t.text == "true"
		return n, p.advance()
	}
	return nil, errorAt(t.pos, "expected '{', '[', string, or boolean, not %s", t)
}

func (p *parser) object(n *node) error {
	if err := p.advance(); err != nil {
		return err
	}
	if done, err := p.accept('}'); done || err != nil {
		return err
	}
	for {
		k := p.tok
		if k.kind != tokenString {
			return errorAt(k.pos, "expected string as a member's name, not %s", k)
		}
		if n.get(k.text) != nil {
			return errorAt(k.pos, "duplicate member '%s'", k.text)
		}
		if err := p.advance(); err != nil {
			return err
		}
		if ok, err := p.accept(':'); err != nil {
			return err
		} else if !ok {
			return errorAt(p.tok.pos, "expected ':', not %s", p.tok)
		}
		v, err := p.value()
		if err != nil {
			return err
		}
		n.members = append(n.members, nodeMember{k.text, k.pos, v})
		if done, err := p.separator('}'); done || err != nil {
			return err
		}
	}
}

func (p *parser) items(n *node) error {
	if err := p.advance(); err != nil {
		return err
	}
	if done, err := p.accept(']'); done || err != nil {
		return err
	}
	for {
		v, err := p.value()
		if err != nil {
			return err
		}
		n.list = append(n.list, v)
		if done, err := p.separator(']'); done || err != nil {
			return err
		}
	}
}

// separator consumes a comma, or the given end, and tells whether it was the end.
func (p *parser) separator(end tokenKind) (bool, error) {
	if done, err := p.accept(end); done || err != nil {
		return true, err
	}
	if ok, err := p.accept(','); !ok && err == nil {
		return false, errorAt(p.tok.pos, "expected ',' or %s, not %s", token{kind: end}, p.tok)
	} else {
		return false, err
	}
}
