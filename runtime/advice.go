package runtime

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// networkModules have no use without network access.
var networkModules = []string{
	"aiohttp", "boto3", "botocore", "google", "googlemaps", "httpx", "mysql", "openai", "paramiko", "psycopg", "psycopg2", "pymongo",
	"pymysql", "pyodbc", "redis", "requests", "snowflake", "tableauserverclient", "urllib3", "websocket", "websockets", "yfinance",
}

// missingWholly matches the text about a module that the guest does not know. The guest itself says
// why others are missing.
var missingWholly = regexp.MustCompile(`^No module named '([\w.]+)'$`)

// beyondWord matches the texts about sizes that do not fit into the 32 bits of the guest's words.
var beyondWord = regexp.MustCompile(`index-sized integer|C ssize_t|(string|bytes|strings) (is|are) too l(ong|arge)|array is too big`)

// advise returns the text of an exception with the reason that is particular to cells, if there is
// one: a limit and its setting, or a feature that a cell lacks.
func (c *call) advise(class, text string) string {
	switch {
	case class == "MemoryError" && text == "":
		return c.limits.withValue(ErrMemory).Error()
	case (class == "OverflowError" || class == "ValueError") && beyondWord.MatchString(text):
		return fmt.Sprintf("%s (sizes in a cell are below 2 GB, and its memory is limited to %d MB by TABCELL_MEMORY_LIMIT_MB)", text, c.limits.Memory>>20)
	case class == "ModuleNotFoundError":
		return c.adviseModule(text)
	case class == "ImportError":
		return adviseOptional(text)
	}
	return text
}

// adviseModule returns the text about a missing module with advice, unless the large guest has it.
func (c *call) adviseModule(text string) string {
	m := missingWholly.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	top, _, _ := strings.Cut(m[1], ".")
	if top == c.searched {
		return text
	}
	if slices.Contains(networkModules, top) {
		return text + "; a cell has no network access"
	}
	return text + "; TABCELL_GUEST selects the libraries of scripts, and TABCELL_PACKAGES adds pure-Python wheels"
}
