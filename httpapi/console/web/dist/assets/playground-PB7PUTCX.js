import{a as t}from"./chunk-Y62ELEHN.js";var o=t.playground.title;function r(){}export{r as render,o as title};
