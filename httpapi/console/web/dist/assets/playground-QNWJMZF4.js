import{a as t}from"./chunk-TNLYVK4S.js";var o=t.playground.title;function r(){}export{r as render,o as title};
