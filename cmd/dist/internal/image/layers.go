package image

import (
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// userID is the user of the server. Distroless images have the same number for "nonroot".
const userID = 65532

// Files and folders of the image.
const (
	program      = "usr/bin/tabcell"
	codeFolder   = "usr/lib/tabcell/tabcell-code"
	docFolder    = "usr/share/doc/tabcell"
	configFolder = "etc/tabcell"
	dataFolder   = "var/lib/tabcell"
	cacheFolder  = "var/cache/tabcell"
	// authorities is the first file in which Go looks for certificates on Linux.
	authorities = "etc/ssl/certs/ca-certificates.crt"
)

// layers returns the layers of an image. Those that change least come first, because registries and
// hosts share equal layers.
func (o Options) layers(platform string, withCode bool) ([]mutate.Addendum, error) {
	base, err := o.addendum("users, folders and certificates", baseTree())
	if err != nil {
		return nil, err
	}
	layers := []mutate.Addendum{base}
	if withCode { // before the program, although it fits only one: it is the larger part
		code := tree{}
		if err := code.copyFolder(codeFolder, o.Code[platform]); err != nil {
			return nil, err
		}
		layer, err := o.addendum("compiled code", code)
		if err != nil {
			return nil, err
		}
		layers = append(layers, layer)
	}
	app, err := o.addendum("program and licenses", o.programTree(platform))
	return append(layers, app), err
}

func (o Options) addendum(title string, t tree) (mutate.Addendum, error) {
	layer, err := t.layer(o.Modified)
	created := v1.Time{Time: o.Modified}
	return mutate.Addendum{Layer: layer, History: v1.History{CreatedBy: title, Created: created}}, err
}

func (o Options) programTree(platform string) tree {
	t := tree{}
	t.file(program, o.Programs[platform], 0o755)
	for name, from := range o.Documents {
		t.file(docFolder+"/"+name, from, 0o644)
	}
	return t
}

// baseTree returns the files and folders that are the same in every version.
func baseTree() tree {
	t := tree{}
	t.text("etc/passwd", fmt.Appendf(nil, "root:x:0:0:root:/:/sbin/nologin\ntabcell:x:%d:%[1]d:tabcell:/%s:/sbin/nologin\n", userID, dataFolder))
	t.text("etc/group", fmt.Appendf(nil, "root:x:0:\ntabcell:x:%d:\n", userID))
	t.text(authorities, certificates())
	t.folder(configFolder, 0o755, 0)
	t.folder(dataFolder, 0o700, userID)
	t.folder(cacheFolder, 0o700, userID)
	t.folder("tmp", 0o1777, 0)
	for _, mountPoint := range []string{"dev", "proc", "sys"} { // so that a runtime need not create them
		t.folder(mountPoint, 0o555, 0)
	}
	return t
}
