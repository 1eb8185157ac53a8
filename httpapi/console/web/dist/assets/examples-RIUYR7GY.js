var e=[];export{e as examples};
