from dataclasses import dataclass
@dataclass
class Failure:
    error_type:str; message:str; line:int; statement:str
def revise(w,f,t): return None
